"""Reads a list of {"words", "whole"} as JSON, and writes what AWS's own command line finds wrong with each: a list of lists.

Services, operations and options come from awscli; --query is compiled by jmespath and followed through the operation's answer.
"""

import json
import sys

import jmespath
from awscli.clidriver import create_clidriver

driver = create_clidriver()
services = driver.subcommand_table if hasattr(driver, "subcommand_table") else driver._get_command_table()
everywhere = driver.arg_table if hasattr(driver, "arg_table") else driver._get_argument_table()


class Wrong(Exception):
    pass


def of_each(shape):
    """What one entry of a list is: of AWS's, or of a list that the query made."""
    if isinstance(shape, tuple):
        return shape[0]
    if shape is not None and shape.type_name != "list":
        raise Wrong(f"--query: {shape.name} is no list")
    return shape and shape.member


def follow(node, shape):
    """The shape of what a query's node selects; None where anything may be."""
    kind, children = node["type"], node.get("children", [])
    if kind == "field":
        if shape is None:
            return None
        members = getattr(shape, "members", {})
        if node["value"] not in members:
            raise Wrong(f"--query: {getattr(shape, 'name', 'a list')} has no {node['value']}")
        return members[node["value"]]
    if kind in ("subexpression", "pipe", "index_expression"):
        for child in children:
            shape = follow(child, shape)
        return shape
    if kind == "index":
        return of_each(shape)
    if kind in ("projection", "filter_projection"):
        each = of_each(follow(children[0], shape))
        if kind == "filter_projection":
            follow(children[2], each)
        return (follow(children[1], each),)
    if kind == "flatten":
        inner = follow(children[0], shape)
        each = of_each(inner)
        return each if isinstance(each, tuple) or getattr(each, "type_name", "") == "list" else inner
    if kind in ("current", "identity", "slice"):
        return shape
    for child in children:
        follow(child, shape)
    return None


def faults_of_query(text, operation):
    try:
        parsed = jmespath.compile(text).parsed
        if operation is not None:
            follow(parsed, operation.output_shape)
    except (jmespath.exceptions.JMESPathError, Wrong) as fault:
        yield str(fault)


def found(words):
    """The command's own options, its operation if it is one of the API's, and the words that are left."""
    service, operation, *rest = [*words, "", ""]
    if service not in services:
        raise Wrong(f"aws has no {service}")
    table = services[service].subcommand_table if hasattr(services[service], "subcommand_table") else None
    table = table or services[service].create_help_command().command_table
    if operation not in table:
        raise Wrong(f"aws {service} has no {operation}")
    command = table[operation]
    return command.arg_table, getattr(command, "_operation_model", None), [word for word in rest if word]


def faults_of(words, whole):
    try:
        options, operation, rest = found(words)
    except Wrong as fault:
        yield str(fault)
        return
    given = [word[2:].split("=")[0] for word in rest if word.startswith("--")]
    for name in given:
        if name not in options and name not in everywhere:
            yield f"aws {words[0]} {words[1]} has no --{name}"
    if whole:
        for name, option in options.items():
            if getattr(option, "required", False) and not getattr(option, "positional_arg", False) and name not in given:
                yield f"aws {words[0]} {words[1]} wants --{name}"
    for name, value in zip(rest, [*rest[1:], ""]):
        model = getattr(options.get(name[2:]), "argument_model", None)
        allowed = getattr(model, "enum", None)
        if allowed and value.isalnum() and value not in allowed:
            yield f"{name} takes {', '.join(allowed)}, not {value}"
        if name == "--query":
            yield from faults_of_query(value, operation)


json.dump([list(faults_of(each["words"], each["whole"])) for each in json.load(sys.stdin)], sys.stdout)
