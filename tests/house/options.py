#!/usr/bin/env python3
"""README's tables of options say what -h of both programs prints, which is schema/base/option_table.c.

usage: options.py BUILD [--write]      BUILD: a build's folder; --write: put the tables into the README
"""
import pathlib
import re
import subprocess
import sys

README = pathlib.Path(__file__).resolve().parents[2] / 'README.md'


def help_of(*command):
    return subprocess.run([*command, '-h'], check=True, capture_output=True, text=True).stdout


def options(text):
    """{'-d, --db FILE': 'the tape; ...'}, in the order of -h."""
    found = {}
    name = None
    for line in text.split('\n'):
        row = re.match(r'  (?:(-\w), |    )(--\S+(?: \S+)?)  +(\S.*)$', line)
        if row:
            name = (row[1] + ', ' if row[1] else '') + row[2]
            found[name] = row[3]
        elif name and re.match(r' {31}\S', line):
            found[name] += ' ' + line.strip()
        else:
            name = None
    return found


def cell(text):
    return text.replace('|', '\\|')


def table_of_tapedeckd(program):
    rows = options(help_of(program)).items()
    return ['| option | meaning |', '|---|---|'] + [f'| `{cell(name)}` | {cell(text)} |' for name, text in rows]


def table_of_tapedeck(program):
    general = help_of(program)
    commands = re.findall(r'^  ([a-z]+) .*$', general, re.M)
    takers, texts = {}, {}
    for command in commands:
        if command == 'help':
            continue
        for name, text in options(help_of(program, command)).items():
            takers.setdefault(name, []).append(command)
            texts[name] = text
    everywhere = len(commands) - 1
    shared = options(general)

    def goes_with(name):
        if len(takers[name]) == everywhere:
            return 'all'
        return 'all that print rows' if name in shared else ' '.join(takers[name])

    return (['| option | goes with | meaning |', '|---|---|---|'] +
            [f'| `{cell(name)}` | {goes_with(name)} | {cell(texts[name])} |' for name in ordered(takers, shared)])


def ordered(takers, shared):
    return [name for name in takers if name not in shared] + [name for name in shared]


def main():
    build = pathlib.Path(sys.argv[1])
    wanted = {'## Options of tapedeckd': table_of_tapedeckd(build / 'recorder/tapedeckd'),
              '## Options of tapedeck': table_of_tapedeck(build / 'query/tapedeck')}
    lines = README.read_text().split('\n')
    wrong = False
    for heading, table in wanted.items():
        begin = lines.index(heading) + 1
        end = begin
        while lines[end].startswith('|'):
            end += 1
        if len(table) < 10:
            sys.exit(f'FAILED: -h was not understood; {heading} has only {len(table)} rows')
        for line in [row for row in table if row not in lines[begin:end]]:
            print(f'FAILED: {heading} lacks: {line}')
        for line in [row for row in lines[begin:end] if row not in table]:
            print(f'FAILED: {heading} says what -h does not: {line}')
        wrong = wrong or lines[begin:end] != table
        lines[begin:end] = table
    if '--write' in sys.argv:
        README.write_text('\n'.join(lines))
    elif wrong:
        sys.exit('FAILED: README and -h differ; tests/house/options.py BUILD --write takes what -h says')


main()
