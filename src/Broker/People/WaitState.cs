using System.Text.Json.Serialization;

namespace Broker.People;

/// <summary>Answer of <c>GET /sign-in/state</c>: <c>pending</c>, <c>verified</c>, <c>failed</c> or <c>none</c>.</summary>
internal sealed record WaitState([property: JsonPropertyName("status")] string Status);
