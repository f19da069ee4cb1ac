using System.Text;
using System.Text.RegularExpressions;
using Broker.Inbox.Messages;
using MimeKit;

namespace Broker.Inbox.Routing;

/// <summary>Whose message it is, by the beginning of it (contract §11.6).</summary>
internal static partial class RoutedMail
{
    /// <summary>How much of a message is read.</summary>
    public const int HeadBytes = 8192;

    /// <summary>
    /// The wallet in the local part of the first address of <c>To:</c> that has the form
    /// <c>or-&lt;wallet&gt;-&lt;number&gt;</c>, in lower case; null where there is none. Never throws.
    /// </summary>
    public static string? WalletOf(ReadOnlySpan<byte> head)
    {
        foreach (var address in AddresseesOf(head))
        {
            if (WalletOf(address) is { } wallet) return wallet;
        }

        return null;
    }

    /// <summary>The same of one address: to whom its mail is routed.</summary>
    public static string? WalletOf(string address)
    {
        var at = address.LastIndexOf('@');
        return LocalPart().Match(at < 0 ? address : address[..at]) is { Success: true } match
            ? match.Groups[1].Value.ToLowerInvariant()
            : null;
    }

    private static List<string> AddresseesOf(ReadOnlySpan<byte> head)
    {
        var header = ToHeader().Match(HeaderBlockOf(head));
        if (!header.Success) return [];
        var value = header.Groups[1].Value.ReplaceLineEndings("");
        return InternetAddressList.TryParse(MessageReader.Options, value, out var addresses)
            ? [.. addresses.Mailboxes.Select(one => one.Address)]
            : [];
    }

    private static string HeaderBlockOf(ReadOnlySpan<byte> head)
    {
        var text = Encoding.Latin1.GetString(head[..Math.Min(head.Length, HeadBytes)])
            .Replace("\r\n", "\n", StringComparison.Ordinal);
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        return "\n" + (end < 0 ? text : text[..end]) + "\n";
    }

    /// <summary>The field with its folded lines (RFC 5322 §2.2.3).</summary>
    [GeneratedRegex(@"\nTo[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ToHeader();

    [GeneratedRegex("^or-(0x[a-f0-9]{40})-[0-9]+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LocalPart();
}
