namespace Broker.TestSupport;

/// <summary>
/// Walks every mapped route of a listener that runs: one spelling for each address (RFC 3986 §6.2.2.1), and HEAD
/// wherever GET (RFC 9110 §9.1).
/// </summary>
internal sealed class ListenerWalk
{
    private readonly Uri _address;
    private readonly string _headers;
    private readonly List<(string Method, string Path)> _routes = [];
    private readonly HashSet<string> _filled = [];

    private ListenerWalk(Uri address, string headers) => (_address, _headers) = (address, headers);

    /// <summary>Each route with each of its methods, variables filled in.</summary>
    public IReadOnlyList<(string Method, string Path)> Routes => _routes;

    /// <summary>A walk over what the listener itself says that it maps.</summary>
    /// <param name="address">Where the listener listens; it runs in this process.</param>
    /// <param name="headers">Header lines that every request brings, each with its line end.</param>
    /// <param name="fill">The addresses of a pattern that has variables.</param>
    public static async Task<ListenerWalk> OfAsync(
        Uri address, string headers = "", Func<string, string[]>? fill = null)
    {
        var walk = new ListenerWalk(address, headers);
        foreach (var (method, pattern) in await MappedRoutes.OfAsync(address))
        {
            if (!pattern.Contains('{', StringComparison.Ordinal))
            {
                walk._routes.Add((method, pattern));
                continue;
            }

            var paths = fill?.Invoke(pattern) ?? [];
            paths.ShouldNotBeEmpty($"the test fills no variable of {pattern}");
            foreach (var path in paths)
            {
                walk._routes.Add((method, path));
                walk._filled.Add(path);
            }
        }

        return walk;
    }

    /// <summary>
    /// Every route answers at its own spelling, and every other spelling is 404. A route with a variable may know
    /// nothing of the value that the test filled in.
    /// </summary>
    /// <param name="nothingYet">Addresses without a variable that have nothing to show in this test.</param>
    public async Task KnowsOneSpellingAsync(params string[] nothingYet)
    {
        Routes.ShouldNotBeEmpty();
        foreach (var (method, path) in Routes)
        {
            var status = await StatusAsync(method, path);
            status.ShouldNotBe(405, $"{method} {path}");
            if (!_filled.Contains(path) && !nothingYet.Contains(path)) status.ShouldNotBe(404, $"{method} {path}");
            foreach (var other in Spellings.Other(path))
                (await StatusAsync(method, other)).ShouldBe(404, $"{method} {other}");
        }
    }

    /// <summary>HEAD has the status of GET and no body.</summary>
    public async Task TakesHeadWhereverGetAsync()
    {
        foreach (var (_, path) in Routes.Where(route => route.Method == "GET"))
        {
            var get = await RawHttp.SendAsync(_address, "GET", path, _headers);
            var head = await RawHttp.SendAsync(_address, "HEAD", path, _headers);

            RawHttp.StatusOf(head).ShouldBe(RawHttp.StatusOf(get), path);
            head.ShouldEndWith("\r\n\r\n", Case.Sensitive, path);
            head.IndexOf("\r\n\r\n", StringComparison.Ordinal).ShouldBe(head.Length - 4, path);
        }
    }

    private async Task<int> StatusAsync(string method, string target) =>
        RawHttp.StatusOf(await RawHttp.SendAsync(_address, method, target, _headers));
}
