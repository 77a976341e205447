"""What the machines measured: asked of Fly's managed Prometheus, compared, and drawn."""
