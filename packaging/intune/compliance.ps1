# SPDX-License-Identifier: MIT
# Discovery script of custom compliance: the settings that compliance.json has rules for.
$exe = Join-Path $env:ProgramW6432 'espdiag\espdiag.exe'
if (-not (Test-Path $exe)) { return '{"EspdiagOutcome":"not installed","EspdiagFinding":""}' }
$out = Join-Path $env:TEMP ('espdiag-' + [guid]::NewGuid() + '.zip')
try { [Console]::OutputEncoding = [Text.Encoding]::UTF8 } catch { }
$verdict = & $exe collect --quiet --format ndjson --out $out 2>$null
Remove-Item $out -ErrorAction SilentlyContinue
try { $v = "$verdict" | ConvertFrom-Json } catch { $v = $null }
return @{ EspdiagOutcome = "$($v.outcome)"; EspdiagFinding = "$($v.primary)" } | ConvertTo-Json -Compress
