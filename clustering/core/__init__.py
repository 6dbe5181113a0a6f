"""What all parts stand on: settings, environments, paths, errors, running dbt."""
