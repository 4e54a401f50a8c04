"""Are the manifests of deploy/k8s right? Everything is read, nothing is sent to a cluster."""
