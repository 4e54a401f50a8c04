"""Several processes of a service, several installations on one Kafka, and deploys that nobody notices (P21)."""
