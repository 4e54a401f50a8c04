"""What breaks on purpose: kills, lost and shuffled events, dependencies away."""
