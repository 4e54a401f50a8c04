"""Running myBuddy: on this machine, in containers, watched; and one file per region."""
