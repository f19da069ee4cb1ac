using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Broker.Ledger.Tests.Postgres;

/// <summary>What the proxy does to the next COMMIT.</summary>
internal enum Cut
{
    None,

    /// <summary>The statement never arrives.</summary>
    BeforeCommit,

    /// <summary>The statement is carried out, and its answer is lost.</summary>
    AfterCommit,

    /// <summary>The client loses the connection; the statement arrives a second later.</summary>
    LateCommit,
}

/// <summary>Hands a TCP connection on to a server's unix socket, and cuts it at a COMMIT.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(1);

    // The tag with which the server answers; and what the writer's last message before its answer bears: the note.
    private static readonly byte[] Committed = Encoding.ASCII.GetBytes("COMMIT\0");
    private static readonly byte[] Note = Encoding.ASCII.GetBytes(LedgerFolder.Origin + "\n");

    private readonly string _socket;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private int _next;
    private int _cuts;

    public CuttingProxy(string socket)
    {
        _socket = socket;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many connections were cut.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>What happens to the next COMMIT, once.</summary>
    public Cut Next
    {
        set => Volatile.Write(ref _next, (int)value);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        client.NoDelay = true;
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_socket), _stop.Token);
            await Task.WhenAny(UpAsync(client, server), DownAsync(server, client));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two has gone; the other is let go of.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task UpAsync(Socket client, Socket server)
    {
        var buffer = new byte[1 << 20];
        while (true)
        {
            var read = await client.ReceiveAsync(buffer, _stop.Token);
            if (read == 0) return;
            var bytes = buffer.AsMemory(0, read);
            if (bytes.Span.IndexOf(Note) >= 0)
            {
                if (TakeCut(Cut.BeforeCommit)) return;
                if (TakeCut(Cut.LateCommit))
                {
                    client.Dispose();
                    await Task.Delay(Lateness);
                    await server.SendAsync(bytes, _stop.Token);

                    // Until the server has carried it out: it reads what has arrived before it sees that nobody is
                    // there.
                    await Task.Delay(Lateness);
                    return;
                }
            }

            await server.SendAsync(bytes, _stop.Token);
        }
    }

    private async Task DownAsync(Socket server, Socket client)
    {
        var buffer = new byte[1 << 16];
        while (true)
        {
            var read = await server.ReceiveAsync(buffer, _stop.Token);
            if (read == 0) return;
            var bytes = buffer.AsMemory(0, read);
            if (bytes.Span.IndexOf(Committed) >= 0 && TakeCut(Cut.AfterCommit)) return;

            try
            {
                await client.SendAsync(bytes, _stop.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The client was cut off; the server's side goes on to its end.
            }
        }
    }

    private bool TakeCut(Cut cut)
    {
        if (Interlocked.CompareExchange(ref _next, (int)Cut.None, (int)cut) != (int)cut) return false;
        Interlocked.Increment(ref _cuts);
        return true;
    }
}
