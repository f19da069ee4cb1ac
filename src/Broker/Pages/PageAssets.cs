using System.Text;

namespace Broker.Pages;

/// <summary>Style sheets and scripts that stand in the pages themselves; they are files of the program.</summary>
internal static class PageAssets
{
    /// <summary>The look of every page.</summary>
    public static string Style { get; } = Read("Pages/page.css");

    /// <summary>One text of all of them, in this order.</summary>
    /// <param name="names">The files' paths below the project.</param>
    public static string Read(params ReadOnlySpan<string> names)
    {
        var all = new StringBuilder();
        foreach (var name in names)
        {
            using var file = typeof(PageAssets).Assembly.GetManifestResourceStream(name)
                ?? throw new InvalidOperationException($"internal error: {name} is not in the program");
            using var text = new StreamReader(file, Encoding.UTF8);
            all.Append(text.ReadToEnd());
        }

        return all.ToString();
    }
}
