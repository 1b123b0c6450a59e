"""What sqlfluff's templater lacks of dbt: `env_var`, with the contract that the runner passes (orchestration/dbt_runner.py).

Here: that function, so that models which read the contract are templated and linted. Not here: rules, which stand in
pyproject.toml.
"""

import json

from sqlfluff.core.templaters.builtins.common import FunctionWrapper
from sqlfluff.core.templaters.builtins.dbt import DBT_BUILTINS

from promisekept.sources.contract import code_lists

ENVIRONMENT = {"PROMISEKEPT_CONTRACT": json.dumps(code_lists())}

DBT_BUILTINS["env_var"] = FunctionWrapper("env_var", lambda name, default="": ENVIRONMENT.get(name, default))
