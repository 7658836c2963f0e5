# SPDX-License-Identifier: MIT
# Detection script of a remediation: one line of JSON without names; exit 1 when blocked or failed.
$exe = Join-Path $env:ProgramW6432 'espdiag\espdiag.exe'
if (-not (Test-Path $exe)) { '{"outcome":"not installed"}'; exit 0 }
$out = Join-Path $env:TEMP ('espdiag-' + [guid]::NewGuid() + '.zip')
try { [Console]::OutputEncoding = [Text.Encoding]::UTF8 } catch { }
$verdict = & $exe collect --quiet --exit-verdict --format ndjson --out $out 2>$null
$code = $LASTEXITCODE
Remove-Item $out -ErrorAction SilentlyContinue
try { $v = "$verdict" | ConvertFrom-Json } catch { $v = $null }
[pscustomobject]@{ outcome = $v.outcome; primary = $v.primary; certainty = $v.certainty
    evaluated_at = $v.evaluated_at; exit = $code } | ConvertTo-Json -Compress
if ($code -eq 10 -or $code -eq 12) { exit 1 } else { exit 0 }
