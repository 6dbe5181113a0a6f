"""The foundation: settings, environments, input checks, paths, errors, running dbt."""
