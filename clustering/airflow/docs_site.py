"""The site of the dbt docs, as files: `uvicorn clustering.airflow.docs_site:site`."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from clustering.airflow.deployment import docs_folder

site = Starlette(
    routes=[Mount("/", StaticFiles(directory=docs_folder(), html=True))],
    middleware=[Middleware(GZipMiddleware)],
)
