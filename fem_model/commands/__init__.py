"""The commands of fem-model, one file each."""
