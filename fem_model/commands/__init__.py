"""The commands of fem-model, one file each, under the names that a user types; imports of size wait."""
