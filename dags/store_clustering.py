"""Airflow DAGs, declared only: the whole pipeline, and its stages one by one."""

from datetime import timedelta

from airflow.sdk import DAG

from clustering.airflow import tasks
from clustering.airflow.alerts import RUN_ALERTS, TASK_ALERTS
from clustering.airflow.build import BuildModels
from clustering.airflow.deployment import environment, manifest_file
from clustering.airflow.graph import watch_models
from clustering.airflow.jobs import jobs_of
from clustering.airflow.run import run_params

for job in jobs_of(environment()):
    with DAG(
        job.name,
        description=job.description,
        doc_md=job.doc,
        schedule=job.schedule,
        params=run_params(job, environment=environment().name),
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 1, "retry_delay": timedelta(seconds=30)} | TASK_ALERTS,
        tags=["store clustering"],
        **RUN_ALERTS,
    ) as dag:
        checked = tasks.validate()
        built = BuildModels(stages=job.stages, manifest_file=manifest_file())
        models = watch_models(dag, build=built)
        if job.publishes:
            end = tasks.publish_marts.override(outlets=[job.outlet])()
            end >> tasks.tell_findings()
        else:
            end = tasks.tell_listeners.override(outlets=[job.outlet])()
        checked >> [built, *models]
        [built, *(model for model in models if not model.downstream_list)] >> end
