using System.Text;

namespace Broker.Pages;

/// <summary>Style sheets and scripts that stand in the pages themselves; they are files of the program.</summary>
internal static class PageAssets
{
    /// <summary>The look of every page.</summary>
    public static string Style { get; } = Read("Pages/page.css");

    /// <param name="name">The file's path below the project.</param>
    public static string Read(string name)
    {
        using var file = typeof(PageAssets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"internal error: {name} is not in the program");
        using var text = new StreamReader(file, Encoding.UTF8);
        return text.ReadToEnd();
    }
}
