"""The two applications as the rendered manifests run them, without a cluster: their images from checkouts, their Pods by Linux namespaces."""
