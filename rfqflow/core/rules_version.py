"""The version of the rules, for those who name it and ask them nothing: to load the rules takes 0.2 s."""

RULES_VERSION = "rules@1"
