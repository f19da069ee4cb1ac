using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Broker.Ledger.Notes;

/// <summary>The characters of C2SP signed-note, for every reader and writer of notes.</summary>
public static class NoteText
{
    /// <summary>
    /// Reads bytes as UTF-8 and changes none of them; false when they are not UTF-8. A byte order mark stays part of
    /// the text: it would stand in what was signed.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? text)
    {
        text = Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : null;
        return text is not null;
    }

    /// <summary>
    /// True when a note may hold the text: it has a UTF-8 form, and no ASCII control character but newline
    /// (signed-note, "Format").
    /// </summary>
    internal static bool IsAllowed(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c < ' ' && c != '\n') return false;
        }

        return IsUnicode(text);
    }

    /// <summary>False for half a surrogate pair, which no UTF-8 can write.</summary>
    internal static bool IsUnicode(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var used) != System.Buffers.OperationStatus.Done) return false;
            text = text[used..];
        }

        return true;
    }
}
