# SPDX-License-Identifier: MIT
# Made by options_words; change agent/app/options.c instead.
$espdiagWords = @{
    'collect' = @('--format', '--at', '--since', '--jobs', '--out', '--redact', '--raw', '--sign-by', '--timeout', '--eventlog', '--on-failure', '--strict', '--exit-verdict', '--quiet', '--verbose', '--no-color', '--help', '--version')
    'collect--format' = @('text', 'json', 'ndjson')
    'collect--redact' = @('standard', 'strict', 'none')
    'analyze' = @('--format', '-o', '--at', '--since', '--jobs', '--prefer-raw', '--redact', '--timeout', '--strict', '--exit-verdict', '--quiet', '--verbose', '--no-color', '--help', '--version')
    'analyze--format' = @('text', 'json', 'ndjson', 'html')
    'analyze--redact' = @('standard', 'strict', 'none')
    'explain' = @('--format', '-o', '--jobs', '--quiet', '--verbose', '--no-color', '--help', '--version')
    'explain--format' = @('text', 'json', 'ndjson')
    'events' = @('--format', '-o', '--at', '--channel', '--provider', '--id', '--level', '--since', '--until', '--fields', '--jobs', '--redact', '--timeout', '--strict', '--quiet', '--verbose', '--no-color', '--help', '--version')
    'events--format' = @('ndjson', 'json', 'xml', 'text')
    'events--redact' = @('standard', 'strict', 'none')
    'verify' = @('--format', '-o', '--digest', '--jobs', '--quiet', '--verbose', '--no-color', '--help', '--version')
    'verify--format' = @('text', 'json')
    'compare' = @('--format', '-o', '--at', '--since', '--force', '--jobs', '--timeout', '--quiet', '--verbose', '--no-color', '--help', '--version')
    'compare--format' = @('text', 'json', 'html')
    'fleet' = @('--format', '-o', '--at', '--since', '--shard', '--merge', '--jobs', '--timeout', '--quiet', '--verbose', '--no-color', '--help', '--version')
    'fleet--format' = @('text', 'ndjson', 'csv', 'html', 'json')
    'selftest' = @('--format', '-o', '--jobs', '--timeout', '--quiet', '--verbose', '--no-color', '--help', '--version')
    'install' = @('--format', '--jobs', '--on-failure', '--quiet', '--verbose', '--no-color', '--help', '--version')
    'uninstall' = @('--format', '--jobs', '--keep-bundles', '--quiet', '--verbose', '--no-color', '--help', '--version')
    'watch' = @('--format', '--at', '--since', '--until', '--replay', '--speed', '--until-done', '--jobs', '--timeout', '--quiet', '--verbose', '--no-color', '--log', '--help', '--version')
    '' = @('collect', 'analyze', 'explain', 'events', 'verify', 'compare', 'fleet', 'selftest', 'install', 'uninstall', 'watch', '--help', '--version')
}
Register-ArgumentCompleter -Native -CommandName espdiag, espdiag.exe -ScriptBlock {
    param($word, $ast, $position)
    $typed = @($ast.CommandElements | ForEach-Object { "$_" } | Where-Object { $_ -ne $word })
    $key = if ($typed.Count -gt 1) { $typed[1] } else { '' }
    # without a command it is the default one
    if ("$key$word" -like '-*') { $key = 'collect' }
    if ($espdiagWords.ContainsKey($key + $typed[-1])) { $key += $typed[-1] }
    $espdiagWords[$key] | Where-Object { $_ -like "$word*" }
}
