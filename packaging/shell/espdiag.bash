# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2207 # bash 3 has no mapfile
# Made by options_words; change agent/app/options.c instead.
_espdiag() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words=
	COMPREPLY=()
	# without a command it is the default one
	[ "${command#-}" = "$command" ] || command=collect
	case $command$prev in
	collect--format) words='text json ndjson' ;;
	collect--redact) words='standard strict none' ;;
	analyze--format) words='text json ndjson html' ;;
	analyze--redact) words='standard strict none' ;;
	explain--format) words='text json ndjson' ;;
	events--format) words='ndjson json xml text' ;;
	events--redact) words='standard strict none' ;;
	verify--format) words='text json' ;;
	compare--format) words='text json html' ;;
	fleet--format) words='text ndjson csv html json' ;;
	*)
		if [ "${cur#-}" != "$cur" ]; then
			case $command in
			collect) words='--format --at --since --jobs --out --redact --raw --sign-by --timeout --eventlog --on-failure --strict --exit-verdict --quiet --verbose --no-color --help --version' ;;
			analyze) words='--format -o --at --since --jobs --prefer-raw --redact --timeout --strict --exit-verdict --quiet --verbose --no-color --help --version' ;;
			explain) words='--format -o --jobs --quiet --verbose --no-color --help --version' ;;
			events) words='--format -o --at --channel --provider --id --level --since --until --fields --jobs --redact --timeout --strict --quiet --verbose --no-color --help --version' ;;
			verify) words='--format -o --digest --jobs --quiet --verbose --no-color --help --version' ;;
			compare) words='--format -o --at --since --force --jobs --timeout --quiet --verbose --no-color --help --version' ;;
			fleet) words='--format -o --at --since --shard --merge --jobs --timeout --quiet --verbose --no-color --help --version' ;;
			selftest) words='--format -o --jobs --timeout --quiet --verbose --no-color --help --version' ;;
			install) words='--format --jobs --on-failure --quiet --verbose --no-color --help --version' ;;
			uninstall) words='--format --jobs --keep-bundles --quiet --verbose --no-color --help --version' ;;
			watch) words='--format --at --since --until --replay --speed --until-done --jobs --timeout --quiet --verbose --no-color --log --help --version' ;;
			esac
		elif [ "$COMP_CWORD" = 1 ]; then
			words='collect analyze explain events verify compare fleet selftest install uninstall watch --help --version'
		fi
		;;
	esac
	[ -z "$words" ] || COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _espdiag espdiag
