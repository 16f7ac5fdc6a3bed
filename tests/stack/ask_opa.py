"""Asks OPA 1.20.2 what kubevet's engine was asked: reads a JSON file, prints the answers as JSON.

The file has `modules` (a map of paths to Rego texts) and `questions` (a list of `query` and, optionally, `input`). The output is a list
in the same order, of `{"value": …}`, `{}` where the query is undefined, or `{"error": …}`. Exit code 77 says that OPA can't be had here.
"""

import json
import sys

import opa_engine


def answer(engine, question):
    try:
        bindings = engine.eval_query(f"value := {question['query']}", input=question.get("input"))
    except Exception as error:  # whatever it is, the reader shows it beside the question
        return {"error": str(error)}
    return {"value": bindings[0]["value"]} if bindings else {}


def main():
    try:
        engine_class = opa_engine.load()
    except opa_engine.Unavailable as error:
        print(error, file=sys.stderr)
        return 77
    with open(sys.argv[1]) as file:
        asked = json.load(file)
    with engine_class() as engine:
        for path, text in asked["modules"].items():
            engine.add_policy(path, text)
        json.dump([answer(engine, question) for question in asked["questions"]], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
