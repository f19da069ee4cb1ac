using System.Diagnostics;
using System.Globalization;
using static Broker.Benchmarks.Arguments;

namespace Broker.Benchmarks.Load;

/// <summary>
/// <c>mcp-start --brokerctl PROGRAM [--peer SCRIPT] [--rounds N]</c>: from the start of a process to the first answer of
/// its MCP server, <c>brokerctl mcp</c> and a server of the MCP SDK under Node in turn.
/// </summary>
internal static class FirstAnswer
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}""";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var brokerctl = Option(arguments, "--brokerctl") ?? throw new ArgumentException("--brokerctl PROGRAM is missing");
        var peer = Option(arguments, "--peer");
        var rounds = int.Parse(Option(arguments, "--rounds") ?? "20", CultureInfo.InvariantCulture);
        List<double> own = [], others = [];
        for (var round = 0; round < rounds; round++)
        {
            own.Add(await MeasureAsync(brokerctl, "mcp"));
            if (peer is not null) others.Add(await MeasureAsync("node", peer));
        }

        Print("brokerctl mcp", own);
        if (peer is null) return 0;
        Print("the MCP SDK under Node", others);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{"ratio",-24} {Median(others) / Median(own),8:F1}"));
        return 0;
    }

    /// <returns>Milliseconds.</returns>
    private static async Task<double> MeasureAsync(params string[] command)
    {
        var begun = Stopwatch.GetTimestamp();
        using var server = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await server.StandardInput.WriteLineAsync(Initialize);
        await server.StandardInput.FlushAsync();
        var answer = await server.StandardOutput.ReadLineAsync();
        var taken = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        if (answer?.Contains("\"serverInfo\"", StringComparison.Ordinal) != true)
            throw new InvalidOperationException($"{command[0]} answered: {answer}");
        server.StandardInput.Close();
        await server.WaitForExitAsync();
        return taken;
    }

    private static void Print(string name, List<double> taken) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{name,-24} {Median(taken),8:F1} ms, at most {taken.Max():F1}"));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
