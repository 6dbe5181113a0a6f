"""The parts of the DAGs: operators, triggers and settings of Airflow."""
