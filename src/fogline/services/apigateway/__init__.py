"""API Gateway: REST APIs, their deployments and stages, keys, usage plans and domain names."""
