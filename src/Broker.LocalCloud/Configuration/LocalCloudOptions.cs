using System.Net;
using Broker.LocalCloud.Faults;

namespace Broker.LocalCloud.Configuration;

/// <summary>How a local cloud is to run.</summary>
public sealed record LocalCloudOptions
{
    public const int DefaultPort = 4580;

    /// <summary>Must be a loopback address: this is a development tool.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free one; <see cref="LocalCloudHost.BaseAddress"/> then says which.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>
    /// The issuer that the built-in account trusts, byte for byte. Not used together with a configuration.
    /// </summary>
    public string Issuer { get; init; } = "http://127.0.0.1:8091";

    /// <summary>The account as a configuration file's text; null takes the built-in one.</summary>
    public string? Configuration { get; init; }

    /// <summary>The access key of the built-in account's daemon user; null makes one up.</summary>
    public LocalCloudAccessKey? DaemonKey { get; init; }

    /// <summary>The folder that keeps the objects; null keeps them in memory.</summary>
    public string? DataFolder { get; init; }

    public IReadOnlyList<Fault> Faults { get; init; } = [];

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>One log line for each request on the console.</summary>
    public bool LogRequests { get; init; }
}
