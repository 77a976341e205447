"""`deploy`: from a manifest and an image to machines that run it, step by step as the real flyctl goes.

recorded: daily.json, deploys.json, release.json and http.jsonl. Rules without a row are derived from
flyctl's public source, internal/command/deploy.
"""
