namespace Broker.SignIn.Wallet;

/// <summary>A message read line by line. Lines end at LF and nowhere else; the last line ends with the text.</summary>
internal ref struct SiweLines(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    /// <summary>True when every line has been taken. A LF at the very end leaves an empty line behind it.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>Takes the next line, whatever it is; false at the end.</summary>
    public bool TryTake(out ReadOnlySpan<char> line) => TryTake("", out line);

    /// <summary>Takes the next line only if it starts with the label, and gives what follows the label.</summary>
    public bool TryTake(string label, out ReadOnlySpan<char> value)
    {
        value = default;
        if (AtEnd || !_rest.StartsWith(label, StringComparison.Ordinal)) return false;
        var end = _rest.IndexOf('\n');
        value = end < 0 ? _rest[label.Length..] : _rest[label.Length..end];
        AtEnd = end < 0;
        _rest = end < 0 ? default : _rest[(end + 1)..];
        return true;
    }
}
