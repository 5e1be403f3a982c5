"""Man pages from what a program says of itself: `PROGRAM --experimental-dump-help | manual.py VERSION FOLDER`, a page for each command."""
import json
import pathlib
import sys


def main():
    version, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    write(json.load(sys.stdin)["command"], [], version, folder)


def write(command, above, version, folder):
    names = above + [command["commandName"]]
    subcommands = [sub for sub in command.get("subcommands", []) if sub["commandName"] != "help" and sub.get("shouldDisplay", True)]
    lines = [f'.TH {quoted("-".join(names).upper())} 1 "" {quoted("Thrum " + version)} "Thrum"', ".SH NAME",
             f'{escaped("-".join(names))} \\- {escaped(command.get("abstract", ""))}', ".SH SYNOPSIS", f".B {escaped(' '.join(names))}"]
    arguments = [one for one in command.get("arguments", []) if one.get("shouldDisplay", True)]
    lines.append(escaped(" ".join([usage(one) for one in arguments] + (["COMMAND"] if subcommands else []))))
    prose, examples = parts(command.get("discussion", ""))
    if prose:
        lines += [".SH DESCRIPTION"] + [escaped(line) if line else ".PP" for line in prose]
    if arguments:
        lines.append(".SH OPTIONS")
        for one in arguments:
            lines += [".TP", f".B {escaped(heading(one))}", escaped(told(one)) or "\\&"]
    if subcommands:
        lines.append(".SH COMMANDS")
        for sub in subcommands:
            lines += [".TP", f".B {escaped(sub['commandName'])}", escaped(sub.get("abstract", "")) or "\\&"]
    if examples:
        lines += [".SH EXAMPLES", ".nf"] + [escaped(line) for line in examples] + [".fi"]
    lines += [".SH EXIT STATUS", "0 done, 1 failed, 2 wrong usage or configuration.", ".SH SEE ALSO",
              ", ".join(f".BR {name} (1)".removeprefix(".BR ") for name in see_also(above, names, subcommands)) or "/usr/share/doc/thrum"]
    (folder / ("-".join(names) + ".1")).write_text("\n".join(lines) + "\n")
    for sub in subcommands:
        write(sub, names, version, folder)


def see_also(above, names, subcommands):
    return (["-".join(above)] if above else []) + ["-".join(names + [sub["commandName"]]) for sub in subcommands]


def parts(discussion):
    """The prose, and the lines under EXAMPLES."""
    before, _, after = discussion.partition("EXAMPLES")
    return before.strip().splitlines(), after.strip("\n").splitlines()


def heading(one):
    if one["kind"] == "positional":
        return value(one)
    names = ", ".join(("-" if name["kind"] == "short" else "--") + name["name"] for name in one.get("names", []))
    return names if one["kind"] == "flag" else f"{names} {value(one)}"


def usage(one):
    text = heading({**one, "names": [one["preferredName"]] if one.get("preferredName") else one.get("names", [])})
    text += " ..." if one.get("isRepeating") else ""
    return f"[{text}]" if one.get("isOptional") else text


def value(one):
    return f"<{one.get('valueName', 'value')}>"


def told(one):
    default = f" Default: {one['defaultValue']}." if one.get("defaultValue") else ""
    return (one.get("abstract", "") + default).strip()


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def quoted(text):
    return '"' + text.replace('"', "") + '"'


if __name__ == "__main__":
    main()
