"""The site of the dbt docs, as files: `uvicorn orchestration.docs_site:site`."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from orchestration.deployment import docs_folder

site = Starlette(
    routes=[Mount("/", StaticFiles(directory=docs_folder(), html=True))],
    middleware=[Middleware(GZipMiddleware)],
)
