"""The whole stack without Docker: Kafka, PostgreSQL, a mailbox and the services, used by demo, dev, doctor and pytest."""
