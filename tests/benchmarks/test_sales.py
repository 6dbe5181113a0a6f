"""The benchmark of the pass over the sales."""

from benchmarks.sales import BARE, compile_models, raw_views, run


def test_both_sides_of_the_benchmark_are_measured(small_folder, tmp_path):
    views = raw_views(small_folder, tmp_path)
    models = compile_models(small_folder, tmp_path)
    assert list(models)[-1].endswith(".store_need_state_shares")
    for plan in (models, {"all": BARE}):
        figures = run(views | plan, tmp_path)
        assert figures["processor"] > 0
        assert figures["megabytes"] > 0
