using System.Text.Json.Serialization;

namespace Broker.Http;

/// <summary>The shapes that routes of any feature have in the OpenAPI document.</summary>
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(byte[]))]
internal sealed partial class HttpJson : JsonSerializerContext;
