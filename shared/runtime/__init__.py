"""The plumbing of every service: settings, app, database, consumer, outbox, clock, logs. No business word in here."""
