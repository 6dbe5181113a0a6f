"""What the DAGs are made of: operators, triggers and settings of Airflow."""
