/// Mends ArgumentParser's completion scripts.
///
/// The one for bash gives the candidates to `compgen -W`, which runs a `$(command)` in a key, and takes what bash
/// splits at a colon for several arguments. The one for zsh takes `--option=value` for an argument. The one for fish
/// gives two quotes for a word that has not begun. None of them completes the command line after `--`.
enum CompletionScript {
    /// - Parameter text: one of the scripts; any other text stays as it is.
    static func mended(_ text: String) -> String {
        if text.hasPrefix("#!/bin/bash\n") { return text + "\n\n" + forBash }
        if text.hasPrefix("function __ttl_") {
            return text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.hasPrefix("        set tokens $tokens[..$index] ") ? withEmptyWord : $0 }
                .joined(separator: "\n") + "\n\n" + forFish
        }
        guard text.hasPrefix("#compdef ") else { return text }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { withValueAfterEquals($0.hasSuffix("'*:command:'") ? withCommandLine : $0) }
        lines.insert(forZsh, at: 1)
        return lines.joined(separator: "\n")
    }

    private static let withCommandLine: Substring = "        '*:::command:__ttl_command'"

    private static let withEmptyWord: Substring = "        set tokens $tokens[..$index] '' $tokens[(math $index + 1)..]"

    /// The specification of an option with a value: `'--store[The file.]:store:_files'`.
    private static func withValueAfterEquals(_ line: Substring) -> String {
        let specification = line.drop { $0 == " " }
        guard specification.hasPrefix("'--") || specification.hasPrefix("'*--"), line.contains("]:"),
            let bracket = line.firstIndex(of: "[")
        else { return String(line) }
        return line[..<bracket] + "=" + line[bracket...]
    }

    private static let forZsh = #"""

        # A command line within this one, after '--'.
        __ttl_command() {
            if (( ${command_line[(Ie)--]} && ${command_line[(Ie)--]} <= current_word_index )); then
                _normal
            fi
        }
        """#

    private static let forFish = #"""
        # The command line within this one, after '--' of run and lock.
        function __ttl_complete_command
            set -l tokens (commandline -opc)
            set -l index (contains -i -- -- $tokens); or return
            contains -- run $tokens[2..$index]; or contains -- lock $tokens[2..$index]; or return
            set -e tokens[1..$index]
            complete -C (string join ' ' -- (string escape -- $tokens) (commandline -ct))
        end

        complete -c 'ttl' -n 'contains -- -- (commandline -opc)' -fa '(__ttl_complete_command)'
        """#

    private static let forBash = #"""
        # Adds candidates as they are: the ones of -W, one a line, or the ones that compgen makes.
        __ttl_add_completions() {
            local completion
            if [[ "${1}" != -W ]]; then
                while IFS='' read -r completion; do
                    COMPREPLY+=("${completion}")
                done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
                return
            fi
            local are_plain=true
            while IFS='' read -r completion; do
                case "${cur}" in
                # With quotes, ttl has chosen by what the word means.
                *[\\\'\"]*) ;;
                *) [[ "${completion}" = "${cur}"* ]] || continue ;;
                esac
                [[ -n "${completion}" ]] || continue
                [[ "${completion}" = *[^[:alnum:]_./:=@%+,-]* ]] && are_plain=false
                COMPREPLY+=("${completion}")
            done <<<"${2}"
            # Only candidates for files are quoted. But one that is also the name of a folder would get a slash.
            if "${are_plain}"; then compopt +o filenames 2>/dev/null; fi
        }

        # A command line within this one, from the word with that number on.
        __ttl_complete_command() {
            if declare -F _comp_command_offset >/dev/null; then
                _comp_command_offset "${1}"
            elif declare -F _command_offset >/dev/null; then
                _command_offset "${1}"
            elif [[ "${COMP_CWORD}" -eq "${1}" && "${2}" != */* ]]; then
                compopt +o filenames
                local completion
                while IFS='' read -r completion; do
                    COMPREPLY+=("${completion}")
                done < <(compgen -c -- "${2}" | sort -u)
            else
                # Readline's own completion of files.
                compopt -o default
            fi
        }

        # The number of the word after '--' of run and lock, if that comes before the present one; else nothing.
        __ttl_command_index() {
            local -i index
            local word before='' subcommand=''
            for ((index = 1; index < COMP_CWORD; index++)); do
                word="${COMP_WORDS[${index}]}"
                case "${word}" in
                --)
                    case "${subcommand}" in
                    run | lock) echo "$((index + 1))" ;;
                    esac
                    return
                    ;;
                -* | =) ;;
                *) [[ -n "${subcommand}" || "${before}" = --store || "${before}" = = ]] || subcommand="${word}" ;;
                esac
                before="${word}"
            done
        }

        # To bash, a word ends before ':', '=' and '@'; to ttl, it doesn't.
        _ttl_completion() {
            local command
            command="$(__ttl_command_index)"
            if [[ -n "${command}" ]]; then
                __ttl_complete_command "${command}" "${2}"
                return
            fi
            local -a words=()
            local -i index count=0 current=0
            local line="${COMP_LINE}" word before=''
            for index in "${!COMP_WORDS[@]}"; do
                word="${COMP_WORDS[${index}]}"
                # Nothing is between this one and the one before.
                if [[ "${count}" -gt 0 && -n "${word}" && "${line}" = "${word}"* ]] &&
                    [[ "${word}" = [:=@]* || "${before}" = *[:=@] ]]
                then
                    words[count - 1]+="${word}"
                else
                    words[count]="${word}"
                    count+=1
                    line="${line#"${line%%[![:space:]]*}"}"
                fi
                line="${line#"${word}"}"
                before="${word}"
                [[ "${index}" -eq "${COMP_CWORD}" ]] && current=count-1
            done
            # The value after '--option=' as a word of its own.
            word="${words[${current}]}"
            case "${word}" in
            --*=*)
                words=("${words[@]:0:current}" "${word%%=*}" "${word#*=}" "${words[@]:current+1}")
                current+=1
                ;;
            esac
            local -a COMP_WORDS=("${words[@]}")
            local -i COMP_CWORD=current
            # bash replaces only what comes after this.
            local -x TTL_COMPLETION_HEAD="${words[${current}]%"${2}"}"
            _ttl "${1}" "${2}" "${words[current - 1]}"
        }

        complete -o filenames -F _ttl_completion ttl
        """#
}
