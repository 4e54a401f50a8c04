"""The whole of an installation on Kubernetes, for Kustomize."""
