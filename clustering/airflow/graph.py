"""The dbt project as tasks of a DAG, rendered by Cosmos from the manifest."""

from typing import Any

from airflow.sdk import DAG, TaskGroup
from cosmos import ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import DbtResourceType, LoadMode, TestBehavior
from cosmos.converter import DbtToAirflowConverter
from cosmos.dbt.graph import DbtNode

from clustering.airflow.build import BuildModels
from clustering.airflow.plan import Manifest, stage_of
from clustering.airflow.watch import WatchModel
from clustering.core.paths import DBT_PROJECT


def watch_models(dag: DAG, *, build: BuildModels) -> list[WatchModel]:
    """Add a task per model and seed that ``build`` builds, wired as in dbt.

    They are grouped by stage; see :mod:`clustering.airflow.plan`. dbt is not called:
    its manifest says it all.
    """
    manifest = Manifest.read(build.manifest_file)
    groups = {stage: TaskGroup(stage, dag=dag) for stage in build.stages}

    def add_task(*, node: DbtNode, **_: Any) -> WatchModel | None:
        group = groups.get(stage_of(manifest, node.unique_id))
        if group is None:
            return None
        return WatchModel(
            task_id=node.name,
            task_group=group,
            dag=dag,
            model=node.unique_id,
            build_task_id=build.task_id,
            doc_md=manifest.descriptions[node.unique_id],
        )

    rendered = DbtToAirflowConverter(
        dag=dag,
        project_config=ProjectConfig(
            dbt_project_path=DBT_PROJECT,
            manifest_path=build.manifest_file,
            install_dbt_deps=False,
        ),
        profile_config=ProfileConfig(
            profile_name="store_clustering",
            target_name="dev",
            profiles_yml_filepath=DBT_PROJECT / "profiles.yml",
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            test_behavior=TestBehavior.NONE,  # a model's task waits for its tests too
            exclude=["resource_type:exposure", "resource_type:operation"],
            node_converters={
                DbtResourceType("model"): add_task,
                DbtResourceType("seed"): add_task,
            },
        ),
    )
    return [
        task for task in rendered.tasks_map.values() if isinstance(task, WatchModel)
    ]
