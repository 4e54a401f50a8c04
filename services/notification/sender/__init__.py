"""Notification's own room: from a queued message to a mail that a server took."""
