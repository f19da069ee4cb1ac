using System.Net.Sockets;
using System.Text;
using Broker.Cli.Terminal;

namespace Broker.Cli.Tee;

/// <summary>A unix socket that a process left behind when it ended.</summary>
internal static class AbandonedSocket
{
    /// <summary>"No such device or address": what Linux says to whoever opens a socket as a file.</summary>
    private const int Enxio = 6;

    /// <summary>What <c>sockaddr_un</c> has room for, with the zero at its end.</summary>
    private const int LongestPath = 107;

    /// <summary>
    /// Makes room for a socket: what is there goes if it is a socket on which nobody listens, and only then.
    /// </summary>
    /// <exception cref="CommandFailedException">Something else is there, or a socket in use.</exception>
    public static void Remove(string path)
    {
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
            throw new CommandFailedException(
                $"{path} is too long for a socket (at most {LongestPath} bytes)", ExitCode.Misuse);
        if (!Path.Exists(path)) return;
        if (!IsSocket(path))
            throw new CommandFailedException($"{path} is there and is not a socket; name another path", ExitCode.Misuse);
        if (IsInUse(path))
            throw new CommandFailedException($"{path} is in use by another process; end it, or name another path");
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{path}: {fault.Message}", cause: fault);
        }
    }

    private static bool IsSocket(string path)
    {
        try
        {
            // For reading and writing, because a pipe opened for reading alone waits for a writer.
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (IOException fault)
        {
            return fault.HResult == Enxio;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsInUse(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }
}
