from clustering.core.steps import fit_step
from ml import merge_finals
from ml.settings import MergePaths


def model(dbt, session):
    fixed = dbt.ref("fixed_k_in_force").filter("side = 'final'")
    wanted = fixed.project("category, k as clusters")
    inputs = [dbt.ref("merged_clusters"), wanted]
    return fit_step(dbt, session, merge_finals, inputs, MergePaths)
