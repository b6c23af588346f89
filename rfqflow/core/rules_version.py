"""The version of the rules, for callers that only name it: loading the rules takes 0.2 s."""

RULES_VERSION = "rules@1"
