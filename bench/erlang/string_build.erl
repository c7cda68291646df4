%% A text of 13 MB put together line by line, in 5 pieces each, then cut into its lines and words again.
%% Binaries, which the runtime appends to in place; cut with binary:split.
-module(string_build).
-export([main/0]).

build(Text, N, N) -> Text;
build(Text, N, Most) ->
    build(<<Text/binary, "line ", (integer_to_binary(N))/binary, " of ", (integer_to_binary(Most))/binary, "\n">>, N + 1, Most).

main() ->
    Start = erlang:monotonic_time(microsecond),
    Text = build(<<>>, 0, 500000),
    io:format("~b~n", [byte_size(Text)]),
    Lines = binary:split(Text, <<"\n">>, [global]),
    io:format("~b~n", [length(Lines)]),
    Words = lists:foldl(fun(Line, Sum) -> Sum + length(binary:split(Line, <<" ">>, [global])) end, 0, Lines),
    io:format("~b~n", [Words]),
    io:format("main ~b us~n", [erlang:monotonic_time(microsecond) - Start]).
