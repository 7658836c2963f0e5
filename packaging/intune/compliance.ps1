# SPDX-License-Identifier: MIT
# Discovery script of custom compliance: the settings that compliance.json has rules for.
$exe = Join-Path $env:ProgramW6432 'espdiag\espdiag.exe'
$out = Join-Path $env:TEMP ('espdiag-' + [guid]::NewGuid() + '.zip')
$v = & $exe collect --quiet --format ndjson --out $out 2>$null | ConvertFrom-Json
Remove-Item $out -ErrorAction SilentlyContinue
return @{ EspdiagOutcome = $v.outcome; EspdiagFinding = "$($v.primary)" } | ConvertTo-Json -Compress
