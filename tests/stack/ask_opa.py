"""Asks OPA 1.20.2 what kubevet's engine was asked: reads a JSON file, prints the answers as JSON.

The file has `modules` (a map of paths to Rego texts) and `questions` (a list of `query` and, optionally, `input`). The output is a list
in the same order, of `{"value": …}`, `{}` where the query is undefined, or `{"error": …}`. Instead it may have `programs`, a list of such
maps, which have nothing to do with each other; the output is a list of their lists then, and questions of theirs from the number `fallback` on
are asked only if one before fails. Exit code 77 says that OPA can't be had here.
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


def answers(engine_class, asked):
    with engine_class() as engine:
        for path, text in asked["modules"].items():
            try:
                engine.add_policy(path, text)
            except Exception as error:
                return [{"error": str(error)} for _ in asked["questions"]]
        found = []
        for question in asked["questions"]:
            # Questions behind `fallback` matter only where one before fails.
            if len(found) >= asked.get("fallback", len(asked["questions"])) and not any("error" in one for one in found[: asked["fallback"]]):
                found.append(None)
            else:
                found.append(answer(engine, question))
                if "rego_" in found[-1].get("error", ""):
                    # The modules themselves are wrong.
                    return [found[-1] for _ in asked["questions"]]
        return found


def main():
    try:
        engine_class = opa_engine.load()
    except opa_engine.Unavailable as error:
        print(error, file=sys.stderr)
        return 77
    with open(sys.argv[1]) as file:
        asked = json.load(file)
    if "programs" in asked:
        json.dump([answers(engine_class, program) for program in asked["programs"]], sys.stdout)
        return 0
    with engine_class() as engine:
        for path, text in asked["modules"].items():
            engine.add_policy(path, text)
        json.dump([answer(engine, question) for question in asked["questions"]], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
