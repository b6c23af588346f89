"""The version of the rules, in a module of its own, since loading the rules takes 0.2 s."""

RULES_VERSION = "rules@1"
