"""What the commands of `fogline api` share: finding APIs, their stages and routes, and calling them."""
